/**
 * What programs that use WCS are tested with.
 *
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as ConnectionFault from "./ConnectionFault.ts"
/** @since 0.1.0 */
export * as Emulator from "./Emulator.ts"
/** @since 0.1.0 */
export * as EmulatorAddress from "./EmulatorAddress.ts"
/** @since 0.1.0 */
export * as EmulatorClient from "./EmulatorClient.ts"
/** @since 0.1.0 */
export * as EmulatorMedia from "./EmulatorMedia.ts"
/** @since 0.1.0 */
export * as EmulatorObject from "./EmulatorObject.ts"
/** @since 0.1.0 */
export * as EmulatorOptions from "./EmulatorOptions.ts"
/** @since 0.1.0 */
export * as EmulatorRequest from "./EmulatorRequest.ts"
/** @since 0.1.0 */
export * as EmulatorResponse from "./EmulatorResponse.ts"
/** @since 0.1.0 */
export * as EmulatorServer from "./EmulatorServer.ts"
/** @since 0.1.0 */
export * as EmulatorStorage from "./EmulatorStorage.ts"
/** @since 0.1.0 */
export * as EmulatorStorageDirectory from "./EmulatorStorageDirectory.ts"
/** @since 0.1.0 */
export * as EmulatorStorageMemory from "./EmulatorStorageMemory.ts"
/** @since 0.1.0 */
export * as EmulatorTask from "./EmulatorTask.ts"
/** @since 0.1.0 */
export * as Fault from "./Fault.ts"
/** @since 0.1.0 */
export * as MemoryFileSystem from "./MemoryFileSystem.ts"
/** @since 0.1.0 */
export * as WcsTest from "./WcsTest.ts"
