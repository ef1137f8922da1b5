import * as Context from "effect/Context"
import type { EmulatorSettings } from "../EmulatorOptions.ts"

/** The settings of the emulator that handles a request. */
export class Settings extends Context.Tag("effect-wcs/testing/internal/settings")<Settings, EmulatorSettings>() {}
