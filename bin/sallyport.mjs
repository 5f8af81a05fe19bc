#!/usr/bin/env node
// The program. Everything it does is in src/; this file only brings a Node along that can run it.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'

const args = process.argv.slice(2)
await launch(join(dirname(fileURLToPath(import.meta.url)), '../src/main.ts'), args, { isServer: args[0] === 'serve' || args.length === 0 })
