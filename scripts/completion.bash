# bash completion of tidepool, with the package bash-completion; installed as completions/tidepool.
# What there is to choose from is asked of `tidepool --help` itself: nothing is named here.

# The help page of tidepool, or of one of its commands.
_tidepool_page() {
	COLUMNS=1000 "$tidepool" "$@" --help 2>/dev/null
}

# The commands that the page on standard input lists.
_tidepool_commands() {
	sed -n 's/^    \([a-z][a-z-]*\) .*/\1/p'
}

# The options that it lists, short and long.
_tidepool_options() {
	sed -n 's/^  \(-.*\)/\1/p' | sed 's/   *.*//' | grep -oE -- '(^| )--?[A-Za-z][A-Za-z-]*'
}

# usage: _tidepool_value OPTION; what the page calls the option's value: {a,b}, FILE, or nothing.
_tidepool_value() {
	sed -n "s/^  \(-.*, \)\{0,1\}$1 \([^ ,{]*\|{[^}]*}\)\(,.*\|  .*\)\{0,1\}$/\2/p"
}

_tidepool() {
	local cur prev words cword split
	_init_completion -s || return
	local tidepool=${1/#\~/$HOME} command='' page value i

	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--)
			_command_offset $((i + 1))
			return
			;;
		-*) ;;
		*) [[ $command || ${words[i - 1]} == --library ]] || command=${words[i]} ;;
		esac
	done
	page=$(_tidepool_page $command)
	value=
	[[ $prev != -* ]] || value=$(_tidepool_value "$prev" <<<"$page")
	case $value in
	'{'*) COMPREPLY=($(compgen -W "$(tr '{},' '   ' <<<"$value")" -- "$cur")) ;;
	FILE | PATH | POLICY) _filedir ;;
	?*) ;; # a number, a time, a name: nothing to choose from
	*)
		if [[ $cur == -* ]]; then
			COMPREPLY=($(compgen -W "$(_tidepool_options <<<"$page")" -- "$cur"))
		elif [[ ! $command ]]; then
			COMPREPLY=($(compgen -W "$(_tidepool_commands <<<"$page")" -- "$cur"))
		else
			_filedir
		fi
		;;
	esac
} && complete -F _tidepool tidepool
