import { bundles } from "./bundles.ts"
import { growth } from "./growth.ts"
import type { Probe } from "./probe.ts"
import { resends } from "./resends.ts"
import { startUp } from "./startUp.ts"

export const probes: ReadonlyArray<Probe> = [startUp, bundles, resends, ...growth]
