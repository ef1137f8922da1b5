import { main } from "./checksumBin.ts"

main("wcs_crc64_cal", "crc64")
