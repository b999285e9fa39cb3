/** A field to choose a model in. */

import { el } from "../dom.js";

/** Build it; the model that the address names is chosen first. */
export function modelChoice(models) {
  const wanted = new URLSearchParams(location.search).get("model");
  const select = el("select", { name: "model" }, ...models.map((model) => el("option", { value: model.id }, model.root ? `${model.id} (${model.root})` : model.id)));
  // What nobody chose is the model itself, not one of its other names.
  select.value = models.some(({ id }) => id === wanted) ? wanted : (models.find((model) => !model.root) ?? models[0]).id;
  return select;
}
