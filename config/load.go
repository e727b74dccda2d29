package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"gopkg.in/yaml.v3"

	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/decode"
	"github.com/pve-backup-exporter/pve-backup-exporter/config/internal/source"
	"github.com/pve-backup-exporter/pve-backup-exporter/internal/ui"
)

// maxFile is the size up to which a declared file is read: some ten thousand guests named one by one.
const maxFile = 1 << 20

// Load reads and checks a declared file. The error joins all problems of the file, each a *[Problem] with its hint; an unreadable file is one
// error with a hint. Relative paths in the file begin at its folder.
func Load(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	return LoadBytes(path, data)
}

func unreadable(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
		return ui.Hint(fmt.Errorf("%s: is a directory", path), "name the file in it, such as --config.file=%s", filepath.Join(path, "config.yml"))
	}
	err = fmt.Errorf("%s: %w", path, err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ui.Hint(err, "name the declared file with --config.file=FILE; examples/minimal.yml is one to begin with")
	case errors.Is(err, fs.ErrPermission):
		return ui.Hint(err, "let the user that runs this command read it: chgrp it to that user's group, then chmod 640 %s", path)
	}
	return ui.Hint(err, "check that %s is a readable file", path)
}

// LoadBytes checks the content of a declared file. The name is what positions show, and its folder is where relative paths begin. It opens nothing.
func LoadBytes(name string, data []byte) (*File, error) {
	if len(data) > maxFile {
		return nil, ui.Hint(fmt.Errorf("%s: larger than %d bytes", name, maxFile), "is this the right path? Guests in great numbers are better declared by pool, node or tag")
	}
	text := source.New(name, data)
	root, err := decode.Parse(text, data)
	if err != nil {
		return nil, err
	}
	problems := source.NewProblems(text)
	if newer(root, problems) {
		return nil, problems.Err()
	}
	file := &File{path: name}
	decoder := decode.New(text, problems, scalars(filepath.Dir(name)))
	decoder.Decode(root, file)
	file.places = func(path ...string) (Position, bool) {
		place, ok := decoder.Place(path...)
		return text.At(place), ok
	}
	complete(file)
	validate(file, decoder, problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	file.checksum = hex.EncodeToString(sum[:])
	return file, nil
}

// newer reports a file of a later version. Nothing else of it is worth a complaint: its keys may well be right there.
func newer(root *yaml.Node, problems *source.Problems) bool {
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		var version int
		if key.Value == "version" && value.ShortTag() == "!!int" && value.Decode(&version) == nil && version > Version {
			problems.Add(source.Span{Line: value.Line, Column: value.Column, Width: len(value.Value)},
				fmt.Sprintf("version %d of the file is newer than this program, which reads version %d", version, Version),
				"upgrade the program, or keep to the keys of the older version")
			return true
		}
	}
	return false
}

// scalars makes the values that know where they come from.
func scalars(folder string) decode.Scalars {
	return decode.Scalars{
		reflect.TypeFor[Path]():       func(text string, at Position) (any, error) { return Path{text, folder, at}, nil },
		reflect.TypeFor[SecretFile](): func(text string, at Position) (any, error) { return SecretFile{Path{text, folder, at}}, nil },
		reflect.TypeFor[Date]():       func(text string, _ Position) (any, error) { return ParseDate(text) },
		reflect.TypeFor[VMIDRange]():  func(text string, _ Position) (any, error) { return ParseVMIDRange(text) },
	}
}

// complete fills in the cluster where there is only one to mean.
func complete(file *File) {
	if len(file.Clusters) != 1 {
		return
	}
	only := file.Clusters[0].Name
	fill := func(cluster *string) {
		if *cluster == "" {
			*cluster = only
		}
	}
	for i := range file.Environments {
		fill(&file.Environments[i].Cluster)
	}
	for i := range file.Storages {
		fill(&file.Storages[i].Cluster)
	}
	for i := range file.Stores {
		if container := file.Stores[i].Container; container != nil {
			fill(&container.Cluster)
		}
	}
	for i := range file.Exempt {
		fill(&file.Exempt[i].Cluster)
	}
	for i := range file.ExternalBackups {
		fill(&file.ExternalBackups[i].Cluster)
	}
}
