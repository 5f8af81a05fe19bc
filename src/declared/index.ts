/**
 * What is written down in `sallyport.json`: reads the file, resolves its references, seals its secrets, names every
 * mistake with line and column, and hands out records like those that are stored. It never writes the file, never
 * touches the database and starts nothing.
 */
export { DeclaredError, type DeclaredSet, type Finding, inputSecretName, type MissingInput } from './model.ts'
export { type DeclaredSources, loadDeclared, readDeclaredSettings } from './load-declared.ts'
export { parseClientText, type Proposal } from './parse-client-text.ts'
export { declaredSchema } from './shapes.ts'
export { watchDeclared } from './watch-declared.ts'
export { egressFault, headerFault, urlFault, variableFault } from './faults.ts'
export { looksSecret } from './looks-secret.ts'
