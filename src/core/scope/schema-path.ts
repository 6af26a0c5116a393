/**
 * Whether a file may hold the schema of a custom resource or an OpenAPI document, by its name: those are read though
 * programs write them.
 */
export const isSchemaPath = (path: string): boolean =>
  /\.(ya?ml|json)$/.test(path) &&
  !/(^|\/)(vendor|node_modules|third_party|testdata|tests?|fixtures)\//.test(path) &&
  /crd|openapi|swagger|(^|\/)[a-z0-9-]+(\.[a-z0-9-]+)+_[a-z]+\.ya?ml$/i.test(path);
