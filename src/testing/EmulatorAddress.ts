/**
 * Where an emulator is, and with which keys: all that a client has to be told.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type { EmulatorSettings } from "./EmulatorOptions.ts"

/**
 * The address of an emulator. `EmulatorClient` and `EmulatorNode` provide it.
 *
 * @since 0.1.0
 * @category services
 */
export class EmulatorAddress extends Context.Tag("effect-wcs/testing/EmulatorAddress")<EmulatorAddress, {
  readonly uploadUrl: string
  readonly managementUrl: string
  /** With `{bucket}` where the bucket goes. */
  readonly downloadUrl: string
  readonly accessKey: string
  readonly secretKey: string
  readonly buckets: ReadonlyArray<string>
}>() {}

/**
 * The address of an emulator that answers at an origin such as `http://127.0.0.1:8080`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (origin: string, settings: EmulatorSettings): EmulatorAddress["Type"] => ({
  uploadUrl: origin,
  managementUrl: origin,
  downloadUrl: `${origin}/download/{bucket}`,
  accessKey: settings.accessKey,
  secretKey: settings.secretKey,
  buckets: settings.buckets
})
