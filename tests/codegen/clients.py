"""The clients that `make codegen` generates: what each needs, and the commands that generate, compile and run it.

In a command `{spec}` is the document, `{out}` the folder of the client, `{shared}` one that all builds share. A command
runs in `{out}`, where the program of tests/codegen/<name>/ has been laid beside the generated code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Command = tuple[str, ...]

JAVA = {"java": "apt-get install default-jre-headless"}


@dataclass(frozen=True)
class Client:
    """One client; `needs` maps each command of its toolchain to how to get it, `program` is our file that uses it.

    `packages` are what the generator comes in, on npm for TypeScript and PyPI for the others.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    program: str
    generate: Command
    compile: tuple[Command, ...]
    run: Command
    needs: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def _generator(language: str, *properties: str) -> Command:
    # Schemas without `additionalProperties` are open; only by this option does openapi-generator read them so.
    options = ",".join(("disallowAdditionalPropertiesIfNotPresent=false", "hideGenerationTimestamp=true", *properties))
    command = ("openapi-generator-cli", "generate", "--input-spec", "{spec}", "--generator-name", language)
    return (*command, "--output", "{out}", "--additional-properties", options)


CLIENTS = (
    Client(
        name="python",
        title="Python",
        packages=("openapi-python-client",),
        program="exercise.py",
        generate=(
            *("openapi-python-client", "generate", "--path", "{spec}", "--meta", "none", "--fail-on-warning"),
            *("--output-path", "{out}/immuta_client", "--overwrite"),
        ),
        compile=(("mypy", "--strict", "--cache-dir", "{shared}/mypy", "immuta_client", "exercise.py"),),
        run=("python", "exercise.py"),
    ),
    Client(
        name="pydantic",
        title="Python: pydantic models",
        packages=("datamodel-code-generator",),
        program="exercise.py",
        generate=(
            *("datamodel-codegen", "--input", "{spec}", "--input-file-type", "openapi", "--output", "{out}/models.py"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11", "--use-annotated"),
            *(
                "--strict-nullable",
                "--extra-fields",
                "allow",
                "--formatters",
                "builtin",
                "--allow-population-by-field-name",
            ),
            # `password` as plain text: a SecretStr would be written into the JSON as asterisks
            *("--type-mappings", "string+password=string", "--disable-timestamp"),
        ),
        compile=(("mypy", "--strict", "--cache-dir", "{shared}/mypy", "models.py", "exercise.py"),),
        run=("python", "exercise.py"),
    ),
    Client(
        name="typescript",
        title="TypeScript",
        packages=("openapi-typescript", "openapi-fetch", "typescript"),
        program="exercise.mts",
        generate=(
            *("openapi-typescript", "{spec}", "--output", "{out}/schema.d.ts", "--read-write-markers"),
            *("--default-non-nullable", "false"),  # or what has a default would have to be sent
        ),
        compile=(("ln", "-sfn", "{tools}/node_modules", "node_modules"), ("tsc", "--project", ".")),
        run=("node", "built/exercise.mjs"),
    ),
    Client(
        name="java",
        title="Java",
        packages=("openapi-generator-cli",),
        program="Exercise.java",
        needs={**JAVA, "mvn": "apt-get install default-jdk-headless maven"},
        generate=(
            # lists that were not set stay absent: empty ones would say "no columns"
            *_generator("java", "openApiNullable=false", "containerDefaultToNull=true"),
            *("--group-id", "immuta", "--invoker-package", "immuta.client"),
            *("--api-package", "immuta.client.api", "--model-package", "immuta.client.model"),
        ),
        compile=(("mvn", "-q", "-B", "-DskipTests", "-Dmaven.javadoc.skip", "-Dmaven.source.skip", "package"),),
        run=("java", "-cp", "target/classes:target/lib/*", "exercise.Exercise"),
    ),
    Client(
        name="go",
        title="Go",
        packages=("openapi-generator-cli",),
        program="main.go",
        needs={**JAVA, "go": "apt-get install golang-go"},
        generate=(
            *_generator("go", "packageName=immuta"),
            *("--git-host", "client.test", "--git-user-id", "immuta", "--git-repo-id", "client"),
            *("--schema-mappings", "JobId=JobId"),  # ours, in job_id.go, which says why
        ),
        compile=(("go", "vet", "./exercise"), ("go", "build", "-o", "exercise.bin", "./exercise")),
        run=("./exercise.bin",),
        note="Copy `tests/codegen/go/job_id.go` into the client: the type of a job id, which is not generated.",
    ),
    Client(
        name="rust",
        title="Rust",
        packages=("openapi-generator-cli",),
        program="exercise.rs",
        needs={**JAVA, "cargo": "apt-get install cargo, or rustup"},
        generate=_generator("rust", "packageName=immuta-client", "supportAsync=false"),
        compile=(("cargo", "build", "--quiet", "--example", "exercise", "--no-default-features"),),
        run=("{shared}/cargo/debug/examples/exercise",),
        environment={"CARGO_TARGET_DIR": "{shared}/cargo", "CARGO_PROFILE_DEV_DEBUG": "false"},
    ),
)
