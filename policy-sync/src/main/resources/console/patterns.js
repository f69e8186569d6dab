/** What patterns of domains match. The server decides; this is for what a page points out. */

/** Whether a pattern without a port covers a name: that name, `*.` any name below, `.` both. */
export function covers(pattern, name) {
  if (pattern.startsWith('*.')) {
    return name.endsWith(pattern.slice(1));
  }
  if (pattern.startsWith('.')) {
    return name === pattern.slice(1) || name.endsWith(pattern);
  }
  return name === pattern;
}
