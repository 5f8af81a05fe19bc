import { describe, expect, it } from 'vitest'
import { loadSettings, type LoadedSettings } from '#config.ts'
import { assertMayListen, drainTimesOf, tlsFilesOf } from './listening.ts'

const load = (flags: Record<string, string>, env: Record<string, string> = {}): LoadedSettings => loadSettings({ env, flags, cwd: '/srv' })
const TLS = { 'tls-cert': 'cert.pem', 'tls-key': '/keys/key.pem' }

describe('a server', () => {
  it.each([
    ['this machine', {}, false],
    ['this machine over IPv6', { host: '::1' }, false],
    ['the network with a certificate and an owner', { host: '0.0.0.0', ...TLS }, true],
    ['this machine with a certificate', TLS, false],
    ['this machine with a certificate and its name', { ...TLS, 'public-url': 'https://tools.example' }, false],
  ])('may listen on %s', (_name, flags, hasOwner) => {
    expect(() => assertMayListen(load(flags as never), hasOwner)).not.toThrow()
  })

  it.each([
    ['the network without TLS', { host: '0.0.0.0' }, true, /without TLS/],
    ['the network without an owner', { host: '::', ...TLS }, false, /without an owner/],
    ['this machine with half a pair', { 'tls-key': 'key.pem' }, true, /SALLYPORT_TLS_CERT is not set/],
    ['an https port under an http address', { ...TLS, 'public-url': 'http://tools.example' }, true, /says plain http/],
  ])('may not listen on %s', (_name, flags, hasOwner, why) => {
    expect(() => assertMayListen(load(flags as never), hasOwner)).toThrow(why)
  })

  it('may listen on the network behind a proxy that it trusts', () => {
    expect(() => assertMayListen(load({ host: '0.0.0.0' }, { SALLYPORT_TRUSTED_PROXY: '10.0.0.1' }), true)).not.toThrow()
  })

  it('finds its certificate from where it was started, and says https then', () => {
    const { settings } = load({ ...TLS, port: '7000' })
    expect(tlsFilesOf(settings)).toEqual({ cert: '/srv/cert.pem', key: '/keys/key.pem' })
    expect([settings.publicUrl, load({}).settings.publicUrl]).toEqual(['https://127.0.0.1:7000', 'http://127.0.0.1:7255'])
    expect(tlsFilesOf(load({}).settings)).toBeNull()
  })

  it('waits to be noticed where somebody could balance load over it', () => {
    const times = (flags: Record<string, string>, env: Record<string, string> = {}) => drainTimesOf(load(flags, env).settings)
    expect(times({})).toEqual({ noticeMs: 0, drainMs: 10_000 })
    expect(times({ host: '0.0.0.0' })).toEqual({ noticeMs: 5_000, drainMs: 10_000 })
    const env = { SALLYPORT_DRAIN_NOTICE_SECONDS: '0.5', SALLYPORT_DRAIN_SECONDS: '60' }
    expect(times({}, env)).toEqual({ noticeMs: 500, drainMs: 60_000 })
  })
})
