/**
 * `wcscmd emulator` from the sources: runs the emulator on a port of 127.0.0.1 until it is told to stop.
 *
 *     tsx scripts/emulator.ts [--port N] [--dir D] [--bucket B]... [--fetch-host H]... [--access-key K] [--secret-key K]
 */
import { main } from "../src/cli/main.ts"

main(["emulator", ...process.argv.slice(2)])
