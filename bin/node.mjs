// Runs a script with a current Node: `node bin/node.mjs FILE [ARG...]`.
// Plain JavaScript without dependencies, because it must run on any Node since 18.
import { launch } from './launch.mjs'

const [script, ...args] = process.argv.slice(2)
if (script === undefined) {
  console.error('usage: node bin/node.mjs FILE [ARG...]')
  process.exit(2)
}
await launch(script, args)
