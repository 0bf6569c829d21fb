"""The parameters of a deployed model, as DB-GPT's workers pass them."""

from interlingua.types import Secret, declared, setting


@declared
class ProxyModelParameters:
    """What `new_client` builds a client from.

    Nothing is read from the environment when this module is imported; a secret is a
    `Secret`, whichever field it stands in.
    """

    model_name: str = setting("Name that requests use.", default="chatgpt_proxyllm")
    model_path: str | None = setting("Kept for DB-GPT; not used.", default=None)
    proxy_server_url: str | None = setting("Whole URL of the chat endpoint.", default=None)
    proxy_api_key: Secret | str | None = setting("Key of the provider.", default=None, secret=True)
    proxy_api_base: str | None = setting("Base URL of the provider.", default=None)
    proxy_api_app_id: str | None = setting("Application id, where a provider has one.", default=None)
    proxy_api_secret: Secret | str | None = setting("Secret beside the key.", default=None, secret=True)
    proxy_api_type: str | None = setting("open_ai or azure.", default=None)
    proxy_api_version: str | None = setting("Version of Azure's API.", default=None)
    http_proxy: str | None = setting("URL of an HTTP proxy.", default=None)
    proxyllm_backend: str | None = setting("Name of the model at the provider.", default=None)
    model_type: str = setting("Kept for DB-GPT; always proxy.", default="proxy")
    device: str | None = setting("Kept for DB-GPT; not used.", default=None)
    prompt_template: str | None = setting("Kept for DB-GPT; not used.", default=None)
    max_context_size: int | None = setting("Context window.", default=None, minimum=1, unit="tokens")
    llm_client_class: str | None = setting("Kept for DB-GPT; not used.", default=None)

    def __repr__(self) -> str:
        shown = {name: value for name, value in vars(self).items() if value is not None}
        return f"ProxyModelParameters({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
