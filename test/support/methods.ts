import { it, makeMethods } from "@effect/vitest"

// `layer` writes its runtime into the one `it` that there is: the next file of the same worker has to get its own back.
makeMethods(it)
