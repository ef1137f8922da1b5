/**
 * The process of `wcscmd`.
 */
import { main } from "./main.ts"

main(process.argv.slice(2))
