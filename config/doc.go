// Package config is the declared file: the one YAML file that says what should be, for every command of the program.
//
// [Load] reads it strictly and tells all that is wrong with it at once, each problem with its line, a caret and a hint. The exported types are the
// file's form; their struct tags are the single source of keys, defaults, bounds and meanings, from which the JSON Schema and the reference
// page are generated (package config/schema).
//
// # Promises
//
// A [File] does not change after it was loaded: everybody may read it, nobody may write to it. Mappings keep the file's order, because a guest
// belongs to the first environment that matches.
//
// Loading opens the declared file and nothing else. Secrets are read when they are asked for, see [SecretFile], so that each command opens only
// those that it uses. A [Secret] cannot be printed by accident.
//
// # What it is not
//
// It does not talk to Proxmox VE or to object stores: whether a node, a storage or a schedule exists or parses is for `check` and `provision`.
package config
