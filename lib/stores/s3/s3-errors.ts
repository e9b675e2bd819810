// Turns an error of the AWS SDK into one that says what is wrong: the bucket, the credentials and where they came from, the region.
import { ExportError, type ExportErrorCode } from '../../shared/errors.js'
import { Redactor } from '../../shared/secrets/redactor.js'
import type { S3Client } from './s3-client.js'

interface SdkError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly Code?: string
  readonly Region?: string
  /** The answer, if there was one. */
  readonly $response?: { readonly statusCode?: number | undefined }
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
}

const MAX_DETAIL_CHARACTERS = 500

/** An answer that does not come from S3: the SDK accepts the page of a proxy as an answer that lacks all fields. */
class ForeignAnswerError extends Error {
  readonly $response: { readonly statusCode: number | undefined }

  constructor(statusCode: number | undefined) {
    super('the answer lacks the fields of an answer of S3')
    this.$response = { statusCode }
  }
}

interface Answer {
  readonly $metadata: { readonly httpStatusCode?: number | undefined }
}

/** Rejects an answer without a field that each answer of S3 to this request has. Source: S3 API Reference, "Response Elements". */
export async function requireField<T extends Answer, K extends keyof T>(
  request: Promise<T>,
  field: K,
): Promise<T & { readonly [F in K]-?: NonNullable<T[F]> }> {
  const answer = await request
  if (answer[field] === undefined) throw new ForeignAnswerError(answer.$metadata.httpStatusCode)
  return answer as T & { readonly [F in K]-?: NonNullable<T[F]> }
}

/** The names that the SDK gives to an answer that it cannot read, or that has no code of S3. */
const foreignAnswerErrorNames = ['Error', 'Unknown', 'NotFound']

/** Returns the name that the store gives to the error, such as `NoSuchKey`, or the code of a failed connection. */
export const getErrorName = (error: unknown): string => {
  const { name, Code, code } = error as SdkError
  return Code ?? (name === 'Error' ? (code ?? name) : name)
}

/** True for a page of a proxy or of another server, whether the SDK could read it or not. */
const isForeignAnswer = (error: unknown): boolean =>
  (error as SdkError).$response !== undefined && foreignAnswerErrorNames.includes(getErrorName(error))

/** @param step the step that failed, as the words after "cannot" */
export async function toS3Error(client: S3Client, address: string, step: string, error: unknown): Promise<ExportError> {
  const redactor = new Redactor()
  const source = await registerCredentials(client, redactor)
  const { message, $metadata = {} } = error as SdkError
  const { httpStatusCode: status, attempts = 1 } = $metadata
  const name = getErrorName(error)
  const problem =
    (await describeProblem(client, error as SdkError, step, source)) ?? `cannot ${step}: ${name}: ${message}`
  const afterAttempts = attempts > 1 ? `, after ${attempts} attempts` : ''
  const code: ExportErrorCode = name === 'ConditionalRequestConflict' ? 'ERR_DESTINATION_BUSY' : 'ERR_DESTINATION'
  return new ExportError(code, redactor.redact(`${address}: ${problem}${afterAttempts}`), {
    status,
    detail: redactor.redact(`${name}: ${message}`).slice(0, MAX_DETAIL_CHARACTERS),
    cause: redactor.redactError(error),
  })
}

async function describeProblem(
  client: S3Client,
  error: SdkError,
  step: string,
  source: string,
): Promise<string | undefined> {
  const name = getErrorName(error)
  const status = error.$metadata?.httpStatusCode
  if (isForeignAnswer(error)) {
    const sender = `the answer${await describeEndpoint(client)} is not from S3`
    return `cannot ${step}: ${sender} (status ${error.$response!.statusCode}); a proxy or another server may have sent it`
  }
  switch (name) {
    case 'NoSuchBucket':
      return `the bucket does not exist${await describeEndpoint(client)}`
    case 'InvalidAccessKeyId':
    case 'XAdminUserNotFound':
      return `the store does not know the access key; the credentials are from ${source}`
    case 'SignatureDoesNotMatch':
      return `the secret key is not that of the access key; the credentials are from ${source}`
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return `the credentials have expired; they are from ${source}`
    case 'CredentialsProviderError':
      return 'no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role'
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'IllegalLocationConstraintException':
      return `the bucket is not in the region ${await getRegion(client)}${error.Region ? ` but in ${error.Region}` : ''}; set AWS_REGION`
    case 'RequestTimeTooSkewed':
      return 'the clock of this machine and that of the store differ by more than 15 minutes'
    case 'PreconditionFailed':
      return 'the object already exists or was changed by another run, and was left unchanged'
    case 'ConditionalRequestConflict':
      return 'another run writes this object at the same time'
    case 'InvalidObjectState':
      return 'the object is archived; restore it, or write to another key'
    case 'SlowDown':
      return 'the store keeps asking to slow down'
    case 'TimeoutError':
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ECONNRESET':
    case 'EPIPE':
      return `the store cannot be reached (${error.code ?? name})${await describeEndpoint(client)}`
  }
  if (error.message === 'Region is missing') return 'no region found; set AWS_REGION'
  // the answer to HEAD has no code
  if (status === 403 && (name === 'AccessDenied' || error.Code === undefined))
    return `the credentials are right but may not ${step} (${name}); they are from ${source}`
  return undefined
}

async function describeEndpoint({ config }: S3Client): Promise<string> {
  const { AWS_ENDPOINT_URL_S3: s3Endpoint, AWS_ENDPOINT_URL: general } = process.env
  const endpoint = await config.endpoint?.()
  if (endpoint) return ` at ${endpoint.hostname}${endpoint.port === undefined ? '' : `:${endpoint.port}`}`
  const fromEnvironment = s3Endpoint ?? general
  return fromEnvironment === undefined ? '' : ` at ${fromEnvironment}`
}

const getRegion = ({ config }: S3Client) => config.region().catch(() => 'unknown')

/** The sources of credentials, by the start of the SDK's feature names; the first match wins. */
const credentialSources: readonly (readonly [feature: string, source: string])[] = [
  ['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'the role of AWS_WEB_IDENTITY_TOKEN_FILE'],
  ['CREDENTIALS_ENV_VARS', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ['CREDENTIALS_HTTP', 'the service of this container'],
  ['CREDENTIALS_IMDS', 'the role of this machine'],
  ['CREDENTIALS_PROFILE', 'the profile'],
  ['CREDENTIALS_SSO', 'the profile'],
  ['CREDENTIALS_PROCESS', 'the profile'],
  ['CREDENTIALS_CODE', 'the client in the options'],
]

/** Registers the secrets of the credentials. Resolves to where the credentials came from. */
async function registerCredentials({ config }: S3Client, redactor: Redactor): Promise<string> {
  const found = await config.credentials().catch(() => undefined)
  if (!found) return 'nowhere'
  for (const secret of [found.secretAccessKey, found.sessionToken]) if (secret !== undefined) redactor.register(secret)
  const features = Object.keys((found as { $source?: object }).$source ?? { CREDENTIALS_CODE: 'e' })
  const isNoted = (start: string) => features.some((feature) => feature.startsWith(start))
  const source = credentialSources.find(([start]) => isNoted(start))?.[1] ?? 'the AWS SDK'
  return source === 'the profile' ? `the profile ${process.env['AWS_PROFILE'] ?? 'default'} of ~/.aws` : source
}
