/**
 * The entry for Node: `effect-wcs/node`.
 *
 * @since 0.1.0
 */

/** Hash functions by Node. @since 0.1.0 @category layers */
export * as DigestNode from "./layers/DigestNode.ts"

/** A whole client for Node. @since 0.1.0 @category layers */
export * as WcsNode from "./layers/WcsNode.ts"
