/**
 * Whether a file may hold the schema of a custom resource or an OpenAPI document, by its name: those are read though
 * programs write them.
 */
export const isSchemaPath = (path: string): boolean =>
  /\.(ya?ml|json)$/.test(path) &&
  !/(^|\/)(vendor|node_modules|third_party|testdata|tests?|fixtures)\//.test(path) &&
  /crd|openapi|swagger|(^|\/)[a-z0-9-]+(\.[a-z0-9-]+)+_[a-z]+\.ya?ml$/i.test(path);

/**
 * Whether the types of a Go file are what users write: below `api/` or `apis/`, of a version such as `v1beta1`, or in
 * a file that is named for them. A folder `v2` alone is as often the second making of something.
 */
export const isApiPath = (path: string): boolean =>
  /(^|\/)apis?\/|(^|\/)v\d+(alpha|beta)\d+\/|(^|\/)v\d+\/types\.go$|_types\.go$/.test(path);
