import type * as PlatformError from "@effect/platform/Error"

/** Why a file operation failed, in the words of the system: `no space left on device`. */
export const reasonOf = (error: PlatformError.PlatformError): string =>
  error._tag === "SystemError"
    ? /^E[A-Z\d]+: ([^,]+)/.exec(error.description ?? "")?.[1] ?? error.description ?? error.reason
    : error.message
