/** Some of the fields; one that is undefined counts as absent. */
export type Some<A> = { readonly [K in keyof A]?: A[K] | undefined }
