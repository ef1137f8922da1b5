/** Writes the pages that derive from the sources; a test or the build compares them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundle } from "./cli.ts"
import { page as licences, thirdParty } from "./licences.ts"
import { page } from "./settingsPage.ts"

writeFileSync(new URL("../docs/settings.md", import.meta.url), page)

const bin = mkdtempSync(join(tmpdir(), "effect-wcs-bin-"))
writeFileSync(licences, thirdParty(await bundle(bin)))
rmSync(bin, { recursive: true, force: true })
