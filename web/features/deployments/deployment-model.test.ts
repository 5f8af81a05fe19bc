import { describe, expect, it } from 'vitest'
import { deniedOf, destinationFault, openDenials, pathFault, readDestination, whatRuns, type Deployment } from './deployment-model.ts'

describe('destinations', () => {
  it.each([
    ['api.github.com:443', true],
    ['*.example.com:443', true],
    ['[2001:db8::1]:443', true],
    ['127.0.0.1:80', true],
    ['https://api.github.com', false],
    ['api.github.com', false],
    [':443', false],
    ['a:0', false],
    ['a:70000', false],
    ['a b:443', false],
  ])('%s: %s', (text, isGood) => expect(destinationFault(text) === null).toBe(isGood))

  it.each([
    ['https://API.github.com/zen', 'api.github.com:443'],
    ['http://a.example/x', 'a.example:80'],
    ['https://a.example:8443/x', 'a.example:8443'],
    ['a.example', 'a.example:443'],
    [' a.example:1 ', 'a.example:1'],
  ])('%s is read as %s', (typed, read) => expect(readDestination(typed)).toBe(read))
})

it.each([
  ['/srv/notes', true],
  ['srv', false],
  ['/srv/../etc', false],
  ['/./a', false],
  ['/srv/..a', true],
])('the path %s: %s', (path, isGood) => expect(pathFault(path) === null).toBe(isGood))

it('writes a command line as a shell would read it', () => {
  expect(whatRuns({ kind: 'process', command: 'node', args: ['a b', "it's", '', '$HOME', '--x=1'] })).toBe(
    String.raw`node 'a b' 'it'\''s' '' '$HOME' --x=1`,
  )
})

it('writes an API as the address that is called, as far as it is known', () => {
  expect(whatRuns({ kind: 'openapi', server: 'https://api.example.com', document: { url: null } })).toBe('https://api.example.com')
  expect(whatRuns({ kind: 'openapi', server: null, document: { url: 'https://docs.example.com/x' } })).toBe('https://docs.example.com/x')
  expect(whatRuns({ kind: 'openapi', document: { text: '…' } })).toBe('an API, described by a file')
})

it('counts as refused only what was not granted since', () => {
  const deployment = {
    spec: { kind: 'process', egress: ['a.example:443'], files: [{ path: '/srv', mode: 'ro' }] },
    status: { denied: ['a.example:443', 'b.example:443', '/srv/x', '/srvx', '/etc/y'] },
  } as unknown as Pick<Deployment, 'spec' | 'status'>
  expect(openDenials(deployment)).toEqual(['b.example:443', '/srvx', '/etc/y'].map(deniedOf))
})
