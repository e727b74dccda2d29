package vzdump

import (
	"errors"
	"strings"
)

// shellWord is a word of a command line. A quoted one is never an option, whatever it begins with.
type shellWord struct {
	text   string
	quoted bool
}

func (w shellWord) isOption() bool {
	name := strings.TrimLeft(w.text, "-")
	return !w.quoted && name != w.text && startsWithLetter(name)
}

// isValueOf tells whether the word that follows an option is its value: an option with two dashes is not, and flags take only booleans.
func (w shellWord) isValueOf(option string) bool {
	if commandFlags[option] {
		_, ok := parseBoolean(w.text)
		return ok
	}
	return w.quoted || !strings.HasPrefix(w.text, "--")
}

// splitShellWords splits as a shell does: at blanks, with 'literal' quotes, "quotes" in which a backslash protects \ " $ and `, and a backslash
// before anything else outside of quotes.
func splitShellWords(text string) ([]shellWord, error) {
	var words []shellWord
	for rest := strings.TrimLeft(text, shellBlanks); rest != ""; rest = strings.TrimLeft(rest, shellBlanks) {
		word, after, err := readShellWord(rest)
		if err != nil {
			return nil, err
		}
		words, rest = append(words, word), after
	}
	return words, nil
}

const shellBlanks = " \t\r\n"

func readShellWord(in string) (word shellWord, rest string, err error) {
	var text strings.Builder
	word.quoted = in[0] == '\'' || in[0] == '"'
	for rest = in; rest != "" && !strings.ContainsRune(shellBlanks, rune(rest[0])); {
		head := rest[0]
		rest = rest[1:]
		switch {
		case head == '\'':
			literal, after, closed := strings.Cut(rest, "'")
			if !closed {
				return shellWord{}, in, errors.New("a single quote is not closed")
			}
			text.WriteString(literal)
			rest = after
		case head == '"':
			if rest, err = readDoubleQuoted(&text, rest); err != nil {
				return shellWord{}, in, err
			}
		case head == '\\' && rest != "":
			text.WriteByte(rest[0])
			rest = rest[1:]
		default:
			text.WriteByte(head)
		}
	}
	word.text = text.String()
	return word, rest, nil
}

func readDoubleQuoted(text *strings.Builder, in string) (rest string, err error) {
	for i := 0; i < len(in); i++ {
		switch {
		case in[i] == '"':
			return in[i+1:], nil
		case in[i] == '\\' && i+1 < len(in) && strings.IndexByte("\\\"$`", in[i+1]) >= 0:
			i++
		}
		text.WriteByte(in[i])
	}
	return "", errors.New("a double quote is not closed")
}
