package config

// Provision is what concerns provisioning as a whole.
type Provision struct {
	Owner string `yaml:"owner" format:"owner" example:"team-a" unset:"the mark names no owner" doc:"Part of the mark on the jobs that provisioning makes. Two files that manage the same cluster need two owners: neither touches the other's jobs."`
}
