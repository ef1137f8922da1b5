import { main } from "./checksumBin.ts"

main("wcs_etag_cal", "etag")
