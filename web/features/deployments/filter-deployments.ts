import { type Deployment, needsSomebody, type State, whatRuns } from './deployment-model.ts'

export type StateFilter = State | 'attention'

/** Those whose name, title or launch holds every word, in the state asked for. */
export function filterDeployments(deployments: readonly Deployment[], text: string, state: StateFilter | undefined): Deployment[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return deployments.filter(({ name, title, spec, status }) => {
    if (state === 'attention' ? !needsSomebody(status) : state !== undefined && status?.state !== state) return false
    const all = `${name}\n${title}\n${whatRuns(spec)}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
}
