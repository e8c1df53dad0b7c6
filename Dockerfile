FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/versbottomlex
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN useradd --system --no-create-home site && mkdir -p .postgres /keys && chown site .postgres /keys
USER site
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--pythonpath", "platform", "--bind", "0.0.0.0:8000"]
