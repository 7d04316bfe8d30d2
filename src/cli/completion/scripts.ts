export type Shell = 'bash' | 'fish' | 'zsh';

/** The script a shell loads. All it knows is how to ask `muster __complete`, so that it never goes stale. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for muster; load it with: source <(muster completion bash)
_muster() {
  local line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    COMPREPLY+=("$line")
  done < <(muster __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _muster muster
`,
  zsh: `#compdef muster
# zsh completion for muster; load it with: source <(muster completion zsh)
_muster() {
  local -a candidates
  local word help
  while IFS=$'\\t' read -r word help; do
    candidates+=("\${word//:/\\\\:}:\${help}")
  done < <(muster __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe muster candidates
}
compdef _muster muster
`,
  fish: `# fish completion for muster; load it with: muster completion fish | source
complete -c muster -f -a '(muster __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
