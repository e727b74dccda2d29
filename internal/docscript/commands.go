package docscript

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Commands returns the commands of a shell script, each as its words with the quotes taken off: those of pipes and lists apart, without
// assignments before them and redirections. The error says what could not be read.
func Commands(script string) ([][]string, error) {
	r := reader{rest: script}
	for r.rest != "" {
		if err := r.step(); err != nil {
			return nil, fmt.Errorf("at %.40q: %w", r.rest, err)
		}
	}
	r.endCommand()
	return r.commands, nil
}

var errUnclosed = errors.New("a quote or parenthesis that is not closed")

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

type reader struct {
	rest     string
	commands [][]string
	words    []string
	word     strings.Builder
	inWord   bool
	quoted   bool // the word has quotes: it is no assignment keyword, redirection or comment
	redirect bool // the next word is where a redirection goes
	heredoc  string
	wantsDoc bool // the next word is the end mark of a here-document
}

// step reads what stands at the beginning of the rest.
func (r *reader) step() error {
	switch c := r.rest[0]; {
	case strings.HasPrefix(r.rest, "\\\n"):
		r.skip(2)
	case c == '\'' || c == '"' || strings.HasPrefix(r.rest, "$("):
		return r.group()
	case c == '#' && !r.inWord:
		end := strings.IndexByte(r.rest+"\n", '\n')
		r.rest = r.rest[min(end, len(r.rest)):]
	case c == ' ' || c == '\t':
		r.endWord()
		r.skip(1)
	case c == '\n':
		r.endCommand()
		r.skip(1)
		return r.skipHeredoc()
	case c == '|' || c == ';' || strings.HasPrefix(r.rest, "&&"):
		r.endCommand()
		r.rest = strings.TrimLeft(r.rest, "|;&")
		r.rest = strings.TrimLeft(r.rest, " \n")
	case c == '<' || c == '>':
		r.endWord()
		r.wantsDoc = strings.HasPrefix(r.rest, "<<")
		r.redirect = true
		r.rest = strings.TrimLeft(r.rest, "<>")
	default:
		r.add(r.rest[:1])
		r.skip(1)
	}
	return nil
}

func (r *reader) skip(n int) { r.rest = r.rest[n:] }

func (r *reader) add(text string) {
	r.word.WriteString(text)
	r.inWord = true
}

// group reads a quoted text or a command substitution as part of a word.
func (r *reader) group() error {
	switch r.rest[0] {
	case '\'':
		end := strings.IndexByte(r.rest[1:], '\'')
		if end < 0 {
			return errUnclosed
		}
		r.quoted = true
		r.add(r.rest[1 : 1+end])
		r.skip(end + 2)
		return nil
	case '"':
		end, err := closing(r.rest[1:], '"')
		if err != nil {
			return err
		}
		r.quoted = true
		r.add(r.rest[1 : 1+end])
		r.skip(end + 2)
		return nil
	default:
		end, err := closing(r.rest[2:], ')')
		if err != nil {
			return err
		}
		r.add(r.rest[:end+3])
		r.skip(end + 3)
		return nil
	}
}

// closing finds the mark that closes a group, past the groups inside it.
func closing(text string, mark byte) (int, error) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == mark:
			return i, nil
		case strings.HasPrefix(text[i:], "$("):
			end, err := closing(text[i+2:], ')')
			if err != nil {
				return 0, err
			}
			i += end + 2
		case mark == ')' && (text[i] == '\'' || text[i] == '"'):
			end := strings.IndexByte(text[i+1:], text[i])
			if end < 0 {
				return 0, errUnclosed
			}
			i += end + 1
		}
	}
	return 0, errUnclosed
}

func (r *reader) endWord() {
	if !r.inWord && !r.quoted {
		return
	}
	word := r.word.String()
	r.word.Reset()
	isAssignment := len(r.words) == 0 && assignment.MatchString(word)
	switch {
	case r.wantsDoc:
		r.heredoc, r.wantsDoc, r.redirect = word, false, false
	case r.redirect:
		r.redirect = false
	case !isAssignment:
		r.words = append(r.words, word)
	}
	r.inWord, r.quoted = false, false
}

func (r *reader) endCommand() {
	r.endWord()
	if len(r.words) > 0 {
		r.commands = append(r.commands, r.words)
	}
	r.words = nil
}

// skipHeredoc passes the lines of a here-document that the line before opened.
func (r *reader) skipHeredoc() error {
	if r.heredoc == "" {
		return nil
	}
	mark := r.heredoc
	r.heredoc = ""
	for r.rest != "" {
		line, rest, _ := strings.Cut(r.rest, "\n")
		r.rest = rest
		if line == mark {
			return nil
		}
	}
	return errUnclosed
}
