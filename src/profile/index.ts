/**
 * What is offered: profiles (named sets of deployments and tools behind one endpoint), the names that endpoints may
 * have, and the patterns that choose tools. Decides nothing about callers.
 */
export * from './model.ts'
export { isName, matchesTool, normaliseName } from './names.ts'
export { claimName, type LosingKey, type NameTaken, releaseName, type WithdrawName, withdrawFromNobody } from './claim-name.ts'
export { createProfileStore, type ProfileChange, type ProfileInput, type ProfileStore, type ProfileStoreOptions } from './profile-store.ts'
