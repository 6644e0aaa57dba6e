/**
 * One value per process, also across Next's separate module graphs: route handlers, instrumentation and the custom
 * server each load their own copy of a module, but share `globalThis`.
 */
export function processWide<Value>(name: string, make: () => Value): Value {
  const key = Symbol.for(`order-pipeline.${name}`);
  const holder = globalThis as { [key]?: Value };
  holder[key] ??= make();
  return holder[key];
}
