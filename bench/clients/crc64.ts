/** This package, with the CRC-64 of a file. */
import { measure } from "./checksums.ts"

await measure("crc64OfFile")
