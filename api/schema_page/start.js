/** Shows the API. Swagger UI 4 reads OpenAPI 3.0 only: what 3.1 says in another way is said as 3.0 does, for the eye. */

const answer = await fetch("/schema/openapi.json");
const spec = older(await answer.json());
spec.openapi = "3.0.3";
SwaggerUIBundle({
  spec,
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});

function older(value) {
  if (Array.isArray(value)) return value.map(older);
  if (value === null || typeof value !== "object") return value;
  const said = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, older(part)]));
  return nullable(said);
}

function nullable(schema) {
  if (Array.isArray(schema.examples)) {
    const { examples, ...rest } = schema;
    return nullable({ ...rest, example: examples[0] });
  }
  for (const list of ["oneOf", "anyOf"]) {
    if (!Array.isArray(schema[list])) continue;
    const some = schema[list].filter((option) => option.type !== "null");
    if (some.length === schema[list].length) continue;
    const { [list]: _, ...rest } = schema;
    return some.length === 1 ? { ...rest, ...merged(some[0]), nullable: true } : { ...rest, [list]: some, nullable: true };
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== "null");
    return { ...schema, type: types[0], nullable: types.length < schema.type.length };
  }
  return schema;
}

// Beside a reference, 3.0 allows nothing.
function merged(option) {
  return "$ref" in option ? { allOf: [option] } : option;
}
