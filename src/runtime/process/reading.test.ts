import { describe, expect, it } from 'vitest'
import { createDenialList, findDenial, grantCommand } from './denials.ts'
import { createLineReader } from './line-reader.ts'
import { createLogRing } from './log-ring.ts'

describe('a line reader', () => {
  it('joins pieces, splits chunks and keeps characters that a chunk cuts in two', () => {
    const lines: string[] = []
    const read = createLineReader(
      100,
      (line) => lines.push(line),
      () => lines.push('TOO LONG'),
    )
    const bytes = Buffer.from('one\ntwö\n\nthree')
    for (const byte of bytes) read(Buffer.from([byte]))
    read(Buffer.from(' and more\nlast\n'))
    expect(lines).toEqual(['one', 'twö', '', 'three and more', 'last'])
  })

  it('drops a line that is too long, says so once, and goes on with the next', () => {
    const lines: string[] = []
    const read = createLineReader(
      5,
      (line) => lines.push(line),
      () => lines.push('TOO LONG'),
    )
    for (const chunk of ['12345\n', '1234', '56', '789', '0\nok\n']) read(Buffer.from(chunk))
    expect(lines).toEqual(['12345', 'TOO LONG', 'ok'])
  })
})

describe('a log ring', () => {
  it('keeps the last lines and makes what could deceive a terminal visible', () => {
    const ring = createLogRing(() => 5)
    for (let i = 0; i < 600; i++) ring.add(`line ${i}`)
    expect(ring.lines()).toHaveLength(500)
    expect(ring.lines()[0]).toEqual({ atMs: 5, text: 'line 100' })
    expect(ring.add('\u001b]0;title\u0007 a\rb \u202e\u009b\u{e0041}').text).toBe('␛]0;title␇ a␍b \\u{202e}\\u{9b}\\u{e0041}')
    expect(ring.add('x'.repeat(10_000)).text.length).toBeLessThan(4_100)
  })

  it('masks secrets, the longer of two overlapping ones first', () => {
    const ring = createLogRing(() => 0)
    ring.setSecrets(['abcd', 'abcdef', 'a'])
    expect(ring.add('got abcdef and abcd and a').text).toBe('got [secret] and [secret] and a')
  })
})

describe('a denial', () => {
  it.each([
    ['Error: getaddrinfo ENOTFOUND api.example.com', 'egress', 'api.example.com:443'],
    ['connect ENETUNREACH 1.2.3.4:8443 - Local (0.0.0.0:0)', 'egress', '1.2.3.4:8443'],
    ["HTTPSConnectionPool(host='pypi.example', port=443): Max retries", 'egress', 'pypi.example:443'],
    ['curl: (6) Could not resolve host: files.example', 'egress', 'files.example:443'],
    ["Error: EACCES: permission denied, open '/home/me/notes.txt'", 'file', '/home/me/notes.txt'],
    ["FileNotFoundError: [Errno 2] No such file or directory: '/data/x'", 'file', '/data/x'],
    ["Error: Cannot find module '/srv/app/main.js'", 'file', '/srv/app/main.js'],
    ['cat: /etc/hosts: No such file or directory', 'file', '/etc/hosts'],
  ])('is read from %j', (line, kind, what) => {
    expect(findDenial(line)).toEqual({ kind, what })
  })

  it.each(['all is well', 'connect ECONNREFUSED 127.0.0.1:5432', "ENOENT: no such file, open 'relative'"])(
    'is not read from %j',
    (line) => {
      expect(findDenial(line)).toBeNull()
    },
  )

  it('of what the specification names comes before what the server asked for, of which one is offered at a time', () => {
    const list = createDenialList()
    expect(list.remedy('fs')).toBeNull()
    const claimed = { kind: 'file', what: '/home/me/.ssh' } as const
    expect([list.add(claimed, false), list.add(claimed, false)]).toEqual([true, false])
    list.add({ kind: 'egress', what: 'api.example.com:443' }, false)
    expect(list.remedy('fs')).toBe('sallyport deployment grant fs --file /home/me/.ssh:ro')
    for (const what of ['/tmp/notes', '/srv/my drafts']) list.add({ kind: 'file', what }, true)
    expect(list.remedy('fs')).toBe("sallyport deployment grant fs --file /tmp/notes:ro --file '/srv/my drafts':ro")
    expect(list.all()).toEqual(['/home/me/.ssh', 'api.example.com:443', '/tmp/notes', '/srv/my drafts'])
    for (let i = 0; i < 100; i++) list.add({ kind: 'file', what: `/${i}` }, false)
    expect(list.all()).toHaveLength(50)
  })

  it('becomes a command that does only what it says', () => {
    expect(grantCommand('fs', [{ kind: 'file', what: "/tmp/a'; rm -rf /" }])).toBe(
      String.raw`sallyport deployment grant fs --file '/tmp/a'\''; rm -rf /':ro`,
    )
  })
})
