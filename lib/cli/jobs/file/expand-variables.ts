export interface ExpandedText {
  readonly text: string
  /** The values of the variables with the text that names them, so that messages can show the name instead. */
  readonly values: readonly (readonly [value: string, reference: string])[]
  /** The problem of the first wrong reference; undefined if there is none. */
  readonly problem: string | undefined
}

/**
 * Replaces `${NAME}` by the trimmed value, and `${NAME:-text}` by the text if the variable is not set. `$${` is `${`. A blank variable
 * counts as not set. The values are not read as YAML.
 */
export function expandVariables(given: string, env: NodeJS.ProcessEnv): ExpandedText {
  const values: (readonly [string, string])[] = []
  let problem: string | undefined
  const text = given.replace(/\$\$\{|\$\{([^}]*)\}?/g, (reference, inner: string | undefined) => {
    if (inner === undefined) return '${'
    const [, name, fallback] = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner) ?? []
    if (name === undefined || !reference.endsWith('}')) {
      problem ??= `expected \${NAME} or \${NAME:-text}, got ${reference}; write $\${ for a literal \${`
      return ''
    }
    const value = env[name]?.trim() ?? ''
    if (value !== '') values.push([value, `\${${name}}`])
    else if (fallback === undefined) problem ??= `the environment variable ${name} is not set`
    return value === '' ? (fallback ?? '') : value
  })
  return { text, values, problem }
}
