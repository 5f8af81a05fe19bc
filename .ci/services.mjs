// Finds PostgreSQL and Redis on this machine. `create` makes a fresh database and prints NAME=VALUE lines for the
// tests; `drop` removes it. What the environment already names is left alone.
import { connect } from 'node:net'
import pg from 'pg'

const DATABASE = 'sallyport_ci'
const HOST = process.env.PGHOST ?? '127.0.0.1'
const PORT = process.env.PGPORT ?? '5432'
const USER = process.env.PGUSER ?? 'postgres'
const TIMEOUT_MS = 3000
const urlOf = (database) => `postgres://${USER}@${HOST}:${PORT}/${database}`
const isOurs = process.env.SALLYPORT_TEST_DATABASE_URL === undefined || process.env.SALLYPORT_TEST_DATABASE_URL === urlOf(DATABASE)

if (process.argv[2] === 'create') {
  if (isOurs && (await recreate(true))) console.log(`SALLYPORT_TEST_DATABASE_URL=${urlOf(DATABASE)}`)
  if (process.env.SALLYPORT_TEST_REDIS_URL === undefined && (await answersPing(6379)))
    console.log('SALLYPORT_TEST_REDIS_URL=redis://127.0.0.1:6379/15')
} else if (isOurs) {
  await recreate(false)
}

async function recreate(isWanted) {
  const client = new pg.Client({ connectionString: urlOf('postgres'), connectionTimeoutMillis: TIMEOUT_MS })
  try {
    await client.connect()
    await client.query(`drop database if exists ${DATABASE} with (force)`)
    if (isWanted) await client.query(`create database ${DATABASE}`)
    return true
  } catch (error) {
    if (isWanted) console.error(`no PostgreSQL for the tests: ${error.message}`)
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: TIMEOUT_MS }, () => socket.write('PING\r\n'))
    const answer = (isThere) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('data', (data) => answer(data.toString().startsWith('+PONG')))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}
