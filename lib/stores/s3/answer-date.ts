/** The date in the last answer to a command. Its `read` is a middleware of the command, because the SDK does not return that date. */
export class AnswerDate {
  time = NaN

  readonly read =
    <Call, Result extends { readonly response: unknown }>(next: (call: Call) => Promise<Result>) =>
    async (call: Call): Promise<Result> => {
      const result = await next(call)
      const { headers } = result.response as { readonly headers: { readonly date?: string } }
      this.time = Date.parse(String(headers.date))
      return result
    }
}
