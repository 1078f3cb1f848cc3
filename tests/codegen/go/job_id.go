package immuta

// JobId identifies one run of a job. The generated client would hand out a plain `string` with the quotes of its JSON
// around it; a type of its own, named by `--schema-mappings`, it decodes.
type JobId string
