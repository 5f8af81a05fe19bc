/** Characters of JSON and English per token, as the common tokenisers average over tool definitions. */
const CHARACTERS_PER_TOKEN = 3.8

/** About how many tokens a tool takes in the context of a model: an estimate, whatever model it is. */
export function estimateTokens(json: string): number {
  return Math.ceil(json.length / CHARACTERS_PER_TOKEN)
}
