// The requests to one bucket. A request that fails rejects with an ExportError that says what is wrong.
import { randomUUID } from 'node:crypto'
import { ExportError } from '../../shared/errors.js'
import { AnswerDate } from './answer-date.js'
import { getErrorName, requireField, toS3Error } from './s3-errors.js'
import { connectS3, type S3Client, type S3Connection, type S3Sdk } from './s3-client.js'
import type { ResolvedS3Options } from './s3-options.js'

export interface WriteCondition {
  /** `'*'`: the object is written only if there is none. */
  readonly IfNoneMatch?: string | undefined
  /** The object is replaced only if it has this ETag. */
  readonly IfMatch?: string | undefined
}

/** The properties of an object besides its bytes, and the condition for writing it. */
export interface ObjectProperties extends WriteCondition {
  readonly ContentType?: string | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
}

export interface UploadedPart {
  readonly PartNumber: number
  readonly ETag: string | undefined
  readonly ChecksumCRC32?: string | undefined
}

export interface OpenUpload {
  readonly key: string
  readonly id: string
  readonly initiated: Date | undefined
}

/** Objects or uploads that the store lists. */
export interface DatedList<T> {
  readonly found: readonly T[]
  /** The time of the last answer by the clock of the store, or NaN if the answer has none. */
  readonly storeTime: number
}

/** The parameters that every request needs, not only the creation of an object. Source: S3 API Reference, UploadPart, SSE-C. */
const BASE_PARAMETERS = /^(SSECustomer|RequestPayer|ExpectedBucketOwner)/

/** The parameters that say something about the bytes of a file. They would be wrong for its receipt, or for the manifest of a dataset. */
const CONTENT_PARAMETERS = /^(Content|WebsiteRedirectLocation)/

type BucketParameters = ResolvedS3Options['parameters'] & { readonly Bucket: string }

export class Bucket {
  readonly #name: string
  readonly #client: S3Client
  readonly #sdk: S3Sdk
  /** For the requests that create an object. */
  readonly #parameters: BucketParameters
  readonly #jsonParameters: BucketParameters
  readonly #baseParameters: BucketParameters

  private constructor(name: string, { client, sdk }: S3Connection, { parameters }: ResolvedS3Options) {
    this.#name = name
    this.#client = client
    this.#sdk = sdk
    this.#parameters = { ...parameters, Bucket: name }
    const select = (isSelected: (key: string) => boolean) => ({
      ...Object.fromEntries(Object.entries(parameters).filter(([key]) => isSelected(key))),
      Bucket: name,
    })
    this.#jsonParameters = select((key) => !CONTENT_PARAMETERS.test(key))
    this.#baseParameters = select((key) => BASE_PARAMETERS.test(key))
  }

  static async open(where: string, name: string, options: ResolvedS3Options): Promise<Bucket> {
    return new Bucket(name, await connectS3(where, options), options)
  }

  /** Returns the address of an object. */
  getAddress(key: string): string {
    return `s3://${this.#name}/${key}`
  }

  /** Begins an upload and returns its id. Takes no signal, because an aborted request could leave an upload whose id is unknown. */
  async createUpload(key: string, properties: ObjectProperties): Promise<string> {
    const { CreateMultipartUploadCommand } = this.#sdk
    const { ContentType, Metadata } = properties
    const command = new CreateMultipartUploadCommand({
      ...this.#parameters,
      ContentType,
      Metadata,
      Key: key,
      ...((await this.#hasChecksums()) ? { ChecksumAlgorithm: 'CRC32' } : {}),
    })
    const request = requireField(this.#client.send(command), 'UploadId')
    return (await this.#explainErrors(key, 'write', request)).UploadId
  }

  async uploadPart(key: string, id: string, number: number, bytes: Buffer, signal: AbortSignal): Promise<UploadedPart> {
    const { UploadPartCommand } = this.#sdk
    const command = new UploadPartCommand({
      ...this.#baseParameters,
      Key: key,
      UploadId: id,
      PartNumber: number,
      Body: bytes,
    })
    const request = requireField(this.#client.send(command, { abortSignal: signal }), 'ETag')
    const { ETag, ChecksumCRC32 } = await this.#explainErrors(key, 'write', request)
    return { PartNumber: number, ETag, ChecksumCRC32 }
  }

  async completeUpload(
    key: string,
    id: string,
    parts: readonly UploadedPart[],
    properties: ObjectProperties,
  ): Promise<void> {
    const { CompleteMultipartUploadCommand } = this.#sdk
    const { IfNoneMatch } = properties
    const command = new CompleteMultipartUploadCommand({
      ...this.#baseParameters,
      Key: key,
      UploadId: id,
      MultipartUpload: { Parts: [...parts] },
      IfNoneMatch,
    })
    const request = requireField(this.#client.send(command), 'ETag')
    await this.#finishWrite(key, properties, request)
  }

  /** Ends an upload without an object. An upload that is gone is not an error. */
  async abortUpload(key: string, id: string): Promise<void> {
    const { AbortMultipartUploadCommand } = this.#sdk
    const command = new AbortMultipartUploadCommand({ ...this.#baseParameters, Key: key, UploadId: id })
    await this.#explainErrors(key, 'abort an upload', ignoreError('NoSuchUpload', this.#client.send(command)))
  }

  /** Rejects if there is an object. Resolves if there is none, or if it cannot be read. */
  async rejectExisting(key: string): Promise<void> {
    if ((await this.#head(key)) === undefined) return
    throw new ExportError(
      'ERR_DESTINATION',
      `${this.getAddress(key)}: the object already exists and was left unchanged`,
    )
  }

  /** Returns the size of an object in bytes, or `undefined` if there is none, or if it cannot be read. */
  async getSize(key: string): Promise<number | undefined> {
    return (await this.#head(key))?.ContentLength
  }

  async put(
    key: string,
    body: Buffer,
    properties: ObjectProperties,
    parameters: BucketParameters = this.#parameters,
  ): Promise<void> {
    const { PutObjectCommand } = this.#sdk
    const command = new PutObjectCommand({
      ...parameters,
      ...properties,
      Key: key,
      Body: body,
      ContentLength: body.length,
    })
    const request = requireField(this.#client.send(command), 'ETag')
    await this.#finishWrite(key, properties, request)
  }

  async putJson(key: string, text: string, condition: WriteCondition = {}): Promise<void> {
    const Metadata = { [WRITE_ID_METADATA]: randomUUID() }
    const properties = { ContentType: 'application/json', Metadata, ...condition }
    await this.put(key, Buffer.from(text), properties, this.#jsonParameters)
  }

  async readText(key: string): Promise<string | undefined> {
    return (await this.read(key))?.text
  }

  /** Returns the text of an object and its ETag, or `undefined` if there is none. */
  async read(key: string): Promise<{ readonly text: string; readonly etag: string | undefined } | undefined> {
    const { GetObjectCommand } = this.#sdk
    const command = new GetObjectCommand({ ...this.#baseParameters, Key: key })
    const read = async () => {
      const { Body, ETag } = await requireField(this.#client.send(command), 'ETag')
      return { text: await Body!.transformToString(), etag: ETag }
    }
    return this.#explainErrors(key, 'read', ignoreError('NoSuchKey', read()))
  }

  /** An object that does not exist is not an error. */
  async remove(key: string): Promise<void> {
    const { DeleteObjectCommand } = this.#sdk
    const command = new DeleteObjectCommand({ ...this.#baseParameters, Key: key })
    await this.#explainErrors(key, 'remove', ignoreError('NoSuchKey', this.#client.send(command)))
  }

  async listObjects(prefix: string): Promise<DatedList<{ readonly key: string; readonly modified: Date | undefined }>> {
    const { ListObjectsV2Command } = this.#sdk
    const found = []
    const date = new AnswerDate()
    let token: string | undefined
    do {
      const command = new ListObjectsV2Command({ ...this.#baseParameters, Prefix: prefix, ContinuationToken: token })
      command.middlewareStack.add(date.read, { step: 'deserialize' })
      const request = requireField(this.#client.send(command), 'Name')
      const answer = await this.#explainErrors(prefix, 'list objects', request)
      for (const { Key, LastModified } of answer.Contents ?? []) found.push({ key: Key!, modified: LastModified })
      token = answer.NextContinuationToken
    } while (token !== undefined)
    return { found, storeTime: date.time }
  }

  /** Returns at most 1,000 uploads to keys that begin with this text. */
  async listUploads(prefix: string, signal: AbortSignal): Promise<DatedList<OpenUpload>> {
    const { ListMultipartUploadsCommand } = this.#sdk
    const command = new ListMultipartUploadsCommand({ ...this.#baseParameters, Prefix: prefix })
    const date = new AnswerDate()
    command.middlewareStack.add(date.read, { step: 'deserialize' })
    const request = requireField(this.#client.send(command, { abortSignal: signal }), 'Bucket')
    const answer = await this.#explainErrors(prefix, 'list uploads', request)
    const found = (answer.Uploads ?? []).map(({ Key, UploadId, Initiated }) => ({
      key: Key!,
      id: UploadId!,
      initiated: Initiated,
    }))
    return { found, storeTime: date.time }
  }

  /** Returns when the last part of an upload was written, or `undefined` if it has none. */
  async getLastPartDate(key: string, id: string): Promise<Date | undefined> {
    const { ListPartsCommand } = this.#sdk
    let after: string | undefined
    let last: Date | undefined
    do {
      const command = new ListPartsCommand({ ...this.#baseParameters, Key: key, UploadId: id, PartNumberMarker: after })
      const request = requireField(this.#client.send(command), 'UploadId')
      const answer = await this.#explainErrors(key, 'list parts', request)
      for (const { LastModified } of answer.Parts ?? [])
        if (LastModified && (!last || LastModified > last)) last = LastModified
      after = answer.IsTruncated ? answer.NextPartNumberMarker : undefined
    } while (after !== undefined)
    return last
  }

  async #hasChecksums(): Promise<boolean> {
    return (await this.#client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED'
  }

  /**
   * Waits for the answer to a request that creates an object. After an error, the object counts as written if it has the id of this request
   * in its metadata, because the answer to an earlier attempt may be lost, or a proxy may have sent the error.
   */
  async #finishWrite(key: string, { Metadata }: ObjectProperties, request: Promise<unknown>): Promise<void> {
    try {
      await request
    } catch (error) {
      if (!(await this.#hasId(key, Metadata))) throw await this.#createError(key, 'write', error)
    }
  }

  async #hasId(key: string, metadata: ObjectProperties['Metadata']): Promise<boolean> {
    const found = await this.#head(key)
    return (
      metadata?.[WRITE_ID_METADATA] !== undefined &&
      found?.Metadata?.[WRITE_ID_METADATA] === metadata[WRITE_ID_METADATA]
    )
  }

  async #head(key: string) {
    const { HeadObjectCommand } = this.#sdk
    const command = new HeadObjectCommand({ ...this.#baseParameters, Key: key })
    return this.#client.send(command).catch(() => undefined)
  }

  /** Returns the answer to a request. If it fails, rejects with an error that says what is wrong. */
  #explainErrors<T>(key: string, step: string, request: Promise<T>): Promise<T> {
    return request.catch(async (error: unknown) => {
      throw await this.#createError(key, step, error)
    })
  }

  #createError(key: string, step: string, error: unknown): Promise<ExportError> {
    return toS3Error(this.#client, this.getAddress(key), step, error)
  }
}

/** Returns the answer, or `undefined` if the request fails with the error of this name. */
function ignoreError<T>(name: string, request: Promise<T>): Promise<T | undefined> {
  return request.catch((error: unknown) => {
    if (getErrorName(error) === name) return undefined
    throw error
  })
}

/** The name of the metadata with a random id, by which a writer recognizes its own object. */
export const WRITE_ID_METADATA = 'optimize-export-id'
