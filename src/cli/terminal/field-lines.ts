/** `Name:   value`, a line each, values in one column; fields without a value are left out. */
export function fieldLines(
  fields: readonly (readonly [name: string, value: string | undefined])[],
): string {
  const told = fields.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...told.map(([name]) => name.length)) + 1;
  return told.map(([name, value]) => `${`${name}:`.padEnd(width)}  ${value}\n`).join("");
}
