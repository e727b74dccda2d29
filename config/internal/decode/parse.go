package decode

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
)

// Parse reads the one YAML document of a file. It takes plain YAML: no aliases, no merge keys, no second document, so that each value stands
// where it is read and a small file cannot grow into a big one. The error is one problem with a hint.
func Parse(text *source.Text, data []byte) (*yaml.Node, error) {
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, fail(text, source.Span{}, "not a text file", "the declared file is YAML in UTF-8; is this the right path?")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, empty(text)
	case err != nil:
		return nil, syntax(text, data, err)
	}
	root := document.Content[0]
	if at, message, hint := indirection(root); message != "" {
		return nil, fail(text, at, message, hint)
	}
	if root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null" {
		return nil, empty(text)
	}
	if root.Kind != yaml.MappingNode {
		return nil, fail(text, span(root), "the file must be a section of keys, not "+describe(root), "begin it with `version: 1` and `clusters:`; see examples/minimal.yml")
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, fail(text, source.Span{Line: second.Line}, "a second document begins here", "keep one document in the file: remove the `---` line and what follows")
	case !errors.Is(err, io.EOF):
		return nil, syntax(text, data, err)
	}
	return root, nil
}

func empty(text *source.Text) error {
	return fail(text, source.Span{}, "the file is empty", "begin it with `version: 1` and `clusters:`; see examples/minimal.yml")
}

func fail(text *source.Text, at source.Span, message, hint string) error {
	problems := source.NewProblems(text)
	problems.Add(at, message, hint)
	return problems.Err()
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line \d+: )?(.*)$`)

// syntax turns the YAML library's error into a problem on the line where reading broke off.
func syntax(text *source.Text, data []byte, err error) error {
	match := yamlLine.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if match == nil {
		return fail(text, source.Span{}, "not valid YAML", "check the quotes and the indentation")
	}
	line := brokenLine(data, err)
	hint := "look at this line and the one before: check the indentation, and quote texts that contain `: `, ` #` or begin with `@`, `*`, `&` or `%`"
	if indent, _, found := strings.Cut(text.Line(line), "\t"); found && strings.TrimSpace(indent) == "" {
		hint = "indent with spaces: YAML does not allow tabs"
	}
	return fail(text, source.Span{Line: line}, "not valid YAML: "+match[1], hint)
}

// brokenLine finds the line that breaks a file: the last of the shortest beginning of the file that fails in the same way. The library's own
// line numbers tell where the broken construct began, and are off by one for some errors.
func brokenLine(data []byte, failure error) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	return 1 + sort.Search(len(lines)-1, func(n int) bool {
		decoder := yaml.NewDecoder(bytes.NewReader(bytes.Join(lines[:n+1], nil)))
		for {
			if err := decoder.Decode(new(yaml.Node)); err != nil {
				return err.Error() == failure.Error()
			}
		}
	})
}

// indirection finds the first alias or merge key.
func indirection(node *yaml.Node) (at source.Span, message, hint string) {
	if node.Kind == yaml.AliasNode {
		return span(node), "aliases (`*" + node.Value + "`) are not supported", "write the value out; what repeats per environment belongs into its profile"
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.ShortTag() == "!!merge" {
			return span(child), "merge keys (`<<`) are not supported", "write the keys out; what repeats per environment belongs into its profile"
		}
		if at, message, hint = indirection(child); message != "" {
			return at, message, hint
		}
	}
	return source.Span{}, "", ""
}

// span is where a node stands, as wide as its text.
func span(node *yaml.Node) source.Span {
	width := 1
	if node.Kind == yaml.ScalarNode {
		width = utf8.RuneCountInString(node.Value)
		if node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			width += 2
		}
	}
	return source.Span{Line: node.Line, Column: node.Column, Width: max(1, width)}
}

// describe says what a node is, to people.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	}
	return "a text"
}
