/**
 * The page's modules from memory: before this stands FILES, the page's files by name. Each module becomes a URL, with
 * what it imports replaced by such URLs.
 */

/** @type {Map<string, string>} */
const urls = new Map();

/** A module's URL. @param {string} name @returns {string} */
function urlOf(name) {
  const known = urls.get(name);
  if (known !== undefined) return known;
  if (!(name in FILES)) throw new Error(`the page has no file ${name}`);
  // statements begin a line; the types that comments import do not
  const source = FILES[name].replace(
    /^((?:import|export)\b[^'";]*)(['"])\.\/([\w-]+\.js)\2/gm,
    (_, words, quote, other) => `${words}${quote}${urlOf(other)}${quote}`,
  );
  const url = URL.createObjectURL(new Blob([source, `\n//# sourceURL=glassnet/${name}`], { type: 'text/javascript' }));
  urls.set(name, url);
  return url;
}
