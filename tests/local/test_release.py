"""What `make deploy` refuses before anything is built."""

import pytest

from local.errors import LocalStackError
from local.release import main


@pytest.mark.parametrize("stage", ["local", "nowhere"])
def test_only_a_stage_of_aws_is_deployed(stage: str) -> None:
    with pytest.raises(LocalStackError, match="the stages dev, prod"):
        main(stage)


def test_what_the_build_depends_on_is_no_parameter_of_one_deploy() -> None:
    with pytest.raises(LocalStackError, match="set them in samconfig"):
        main("dev", "JwtSecret=a=b", "PythonRuntime=python3.13")
