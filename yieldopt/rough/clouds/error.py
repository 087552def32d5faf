"""Why a cloud is no stone."""


class CloudError(Exception):
    """The cloud gives no closed skin: what, where, what to do, in one phrase."""
