// Creates the replies of the server, in the form of each era (docs/server.md section 7).
import type { EraRules } from '../eras.js'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, in several buffers so that a large page need not be copied. */
  readonly body: readonly Buffer[]
}

export class ReplyError extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super(`status ${reply.status}`)
    this.reply = reply
  }
}

export function createHtmlReply(status: number, title: string, headers: Reply['headers'] = {}): Reply {
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`
  return { status, headers: { 'content-type': 'text/html', ...headers }, body: [Buffer.from(body)] }
}

export function createEmptyReply(status: number, headers: Reply['headers'] = {}): Reply {
  return { status, headers, body: [] }
}

const messages = {
  serverError: 'An internal server error occurred.',
  badRequestError: 'The server was unable to process the request.',
  notFoundError: 'The server could not find the requested resource.',
  notAuthorizedError: 'Could not authenticate you, please check your credentials.',
  reportEvaluationError: 'Could not evaluate the report.',
}

export class ReplyFactory {
  readonly #eraRules: EraRules

  constructor(eraRules: EraRules) {
    this.#eraRules = eraRules
  }

  json(status: number, value: unknown): Reply {
    return this.jsonText(status, [Buffer.from(JSON.stringify(value))])
  }

  /** Returns a reply whose body is JSON text already. */
  jsonText(status: number, body: readonly Buffer[]): Reply {
    return { status, headers: { 'content-type': this.#eraRules.contentType, 'cache-control': 'no-store' }, body }
  }

  error(status: number, errorCode: keyof typeof messages, detailedMessage: string, reportDefinition: unknown = null) {
    return this.json(status, { errorCode, errorMessage: messages[errorCode], detailedMessage, reportDefinition })
  }

  serverError(detail: string): Reply {
    return this.error(500, 'serverError', detail)
  }

  unknownReport(id: string): Reply {
    const detail = `Was not able to retrieve report with id [${id}]from Elasticsearch. Report does not exist.`
    return this.#wrapException('NotFoundException', detail) ?? this.error(404, 'notFoundError', detail)
  }

  combinedReport(): Reply {
    return this.#badRequest('Combined reports cannot be exported as Json')
  }

  /** Returns the reply to an expired search, with one root cause per shard. */
  expired(searchNumber: number, shards: number): Reply {
    const causes = Array.from({ length: shards }, (_, shard) =>
      this.#eraRules.formatExpiredReason(`No search context found for id [${searchNumber + shard * 1000}]`),
    )
    return this.#badRequest(causes.join('; '))
  }

  tooManyContexts(maxContexts: number, status: 429 | 500): Reply {
    const reason = `Trying to create too many scroll contexts. Must be less than or equal to: [${maxContexts}]. This limit can be set by changing the [search.max_open_scroll_context] setting.`
    return this.error(status, 'serverError', reason)
  }

  /** Returns the reply for a report without a definition key. The body may contain the whole process definition, which can be large. */
  incompleteReport(id: string): Reply {
    const detail = 'definitionKey is not allowed to be null'
    if (!this.#eraRules.hasReportInRefusal) {
      return this.serverError(`org.camunda.optimize.service.exceptions.evaluation.ReportEvaluationException: ${detail}`)
    }
    const xml = `<bpmn:definitions>${'<bpmn:sequenceFlow id="Flow_1" />'.repeat(6000)}</bpmn:definitions>`
    const definition = { id, name: 'Incomplete', data: { configuration: { xml }, definitions: [], view: null } }
    return this.error(400, 'reportEvaluationError', detail, definition)
  }

  invalid(parameter: string, problem: string): Reply {
    const property = this.#eraRules.formatProperty(parameter)
    return this.json(400, {
      errorMessage: 'The request body was invalid.',
      validationErrors: [{ property, errorMessage: problem }],
    })
  }

  #badRequest(detail: string): Reply {
    return this.#wrapException('BadRequestException', detail) ?? this.error(400, 'badRequestError', detail)
  }

  /** Returns a 500 whose text contains the exception; `undefined` for versions before 8.7. */
  #wrapException(exception: string, detail: string): Reply | undefined {
    return this.#eraRules.exceptionPackage === undefined
      ? undefined
      : this.serverError(`${this.#eraRules.exceptionPackage}.${exception}: ${detail}`)
  }
}
