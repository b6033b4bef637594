type Framing = (body: string) => string

/** How a body is announced, and sent. Texts are sent a byte a character. */
export const framings: readonly Framing[] = [
  (body) => `Content-Length: ${body.length}\r\n\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${chunk(body)}0\r\n\r\n`,
]
export const brokenFramings: readonly Framing[] = [
  (body) => `\r\n${body}`,
  (body) => `Content-Length: ${body.length + 7}\r\n\r\n${body}`,
  (body) => `Content-Length: ${Math.floor(body.length / 2)}\r\n\r\n${body}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${chunk(body)}`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${chunk(body)}zz\r\n`,
  (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)};a=b\n${body}\n0\n\n`,
  (body) => `Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n${body}`,
]

function chunk(body: string): string {
  return body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`
}
