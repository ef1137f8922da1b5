/** A command's parameters as they travel, by name. */
export interface Parameters {
  readonly [name: string]: string
}

const decode = (text: string): string => Buffer.from(text, "base64url").toString()

/** Commands of file management as the recorded calls write them: `name/value/name/value;…`. */
export const parse = (fops: string): ReadonlyArray<Parameters> =>
  fops.split(";").filter((command) => command !== "").map((command) => {
    // The vendor's sample puts a bar before `saveas`.
    const parts = command.replace("|saveas/", "/saveas/").split("/")
    return Object.fromEntries(Array.from({ length: parts.length / 2 }, (_, i) => [parts[2 * i], parts[2 * i + 1]]))
  })

/** A parameter, decoded. */
export const text = (parameters: Parameters, name: string): string => decode(parameters[name] ?? "")

const location = (parameters: Parameters, name: string) => {
  const [bucket = "", ...key] = text(parameters, name).split(":")
  return { bucket, key: key.join(":") }
}

const target = (parameters: Parameters) => ({
  bucket: text(parameters, "bucket"),
  ...(parameters["key"] === undefined ? {} : { key: text(parameters, "key") })
})

export const transfer = (parameters: Parameters) => ({
  from: location(parameters, "resource"),
  to: target(parameters)
})

export const fetch = (parameters: Parameters) => ({ url: text(parameters, "fetchURL"), to: target(parameters) })

export const object = (parameters: Parameters) => ({
  bucket: text(parameters, "bucket"),
  key: text(parameters, "key")
})

export const playlist = (parameters: Parameters) => ({
  ...object(parameters),
  ...(parameters["deletets"] === undefined ? {} : { segments: parameters["deletets"] === "1" })
})

export const folder = (parameters: Parameters) => ({
  bucket: text(parameters, "bucket"),
  prefix: text(parameters, "prefix")
})

export const archive = (parameters: Parameters) => ({
  bucket: text(parameters, "bucket"),
  keys: parameters["keys"]?.split("|").map(decode) ?? [],
  saveAs: location(parameters, "saveas")
})
