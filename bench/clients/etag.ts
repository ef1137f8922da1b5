/** This package, with the etag of a file. */
import { measure } from "./checksums.ts"

await measure("etagOfFile")
