FROM python:3.14-slim
RUN pip install --no-cache-dir numpy==2.4.0 https://example.com/pure-1.0-py3-none-any.whl
