const NAME = /authorization|cookie|token|secret|passw(or)?d|credential|api[-_]?key|(^|[-_])(key|pat|auth)($|[-_])/i
const NAME_LENGTH_MAX = 256
/** Beginnings that issuers give their keys, and schemes of the Authorization header. */
const VALUE = /^(sk-|sk_|pk_live_|rk_live_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abps]-|sp_|AKIA|eyJ|Bearer |Basic )/

/** Whether a header, variable, flag or query parameter of this name, or a value of this beginning, is to be kept from sight. */
export function looksSecret(name: string, value = ''): boolean {
  return NAME.test(name.slice(0, NAME_LENGTH_MAX)) || VALUE.test(value)
}
