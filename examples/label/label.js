/** The lines of an address label, at most `width` wide: words are kept whole where they fit. */
export function lines(address, width = 32) {
  return address.split("\n").flatMap((line) => wrap(line.trim(), width)).filter(Boolean);
}

function wrap(line, width) {
  if (line.length <= width) return [line];
  const cut = line.lastIndexOf(" ", width);
  const end = cut > 0 ? cut : width;
  return [line.slice(0, end), ...wrap(line.slice(end).trim(), width)];
}

/** A postcode as the sorting machine reads it. */
export function postcode(text) {
  const compact = text.replaceAll(" ", "").toUpperCase();
  if (!/^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$/.test(compact)) throw new RangeError(`not a postcode: ${text}`);
  return `${compact.slice(0, -3)} ${compact.slice(-3)}`;
}
